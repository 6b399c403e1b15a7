"""Packs: folders of YAML that become immutable characters, with every error located.

Import from the submodules: ``models`` (what an author writes), ``compiled`` (what the bot uses),
``shelf`` and ``watch`` (what is loaded now), ``check`` (the report for people).
"""
