"""What tests of tzurot and of its plugins need: servers that play the other side, and little else."""
