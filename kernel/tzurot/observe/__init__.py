"""What happened and why: traces and logs."""
