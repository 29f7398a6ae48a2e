"""Pictures of computation graphs, and what they are made with."""
