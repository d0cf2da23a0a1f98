"""`gateway bench`: ratios against floors measured in the same run."""

import typer

app = typer.Typer(help="Ratios against floors measured in the same run.")
