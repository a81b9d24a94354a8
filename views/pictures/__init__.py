"""Pictures: what each map shows, as tables of lines and points made from a plan and its results."""
