"""What a node, a workflow and a link are. Standard library only; knows no domain, no execution, no files of models."""
