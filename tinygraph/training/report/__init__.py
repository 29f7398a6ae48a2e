"""What a run leaves behind: its folder with the report page, charts, graphs and the trained models."""
