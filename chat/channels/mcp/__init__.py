"""The catalogue as tools for other assistants, over the Model Context Protocol."""
