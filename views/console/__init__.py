"""The jobs behind the command line: each returns a plain JSON document; printing is left to ``cli``."""
