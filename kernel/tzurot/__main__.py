"""``python -m tzurot``: the command line."""

from tzurot.cli import main

if __name__ == "__main__":
    main()
