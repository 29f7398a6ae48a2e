"""What a run leaves behind: its folder with the report page, charts, graphs and the trained models."""

from .page import architecture_line, baseline
from .run_folder import choose_folder, write_folder

__all__ = ["architecture_line", "baseline", "choose_folder", "write_folder"]
