"""`perennial`: the command for the marketer's content and for looking into a store."""

import typer

from perennial_cli import (
    content_commands,
    delivering,
    parked_commands,
    privacy_commands,
    ringing,
    run_commands,
    secret_commands,
    store_commands,
)
from perennial_cli.costing import command as cost_command
from perennial_cli.dev import command as dev_command
from perennial_cli.doctor import command as doctor_command
from perennial_cli.rearm import command as rearm_command
from perennial_cli.simulation import command as simulation_command

app = typer.Typer(
    help="Perennial looks after a shop's customers once they have bought.", no_args_is_help=True, add_completion=False
)

for commands in (
    content_commands,
    run_commands,
    dev_command,
    store_commands,
    parked_commands,
    ringing,
    delivering,
    privacy_commands,
    secret_commands,
    cost_command,
    doctor_command,
    rearm_command,
    simulation_command,
):
    commands.register(app)

if __name__ == "__main__":
    app()
