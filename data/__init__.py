"""The room of ready-made data: the demo district (`data.demo`) and the rule tables, each row with its source.

Nothing here depends on another room; the other rooms read these files through the path functions of the packages.
"""
