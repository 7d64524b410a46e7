"""A small captioned world of coloured shapes, rendered while training, and a checker that reads its pictures."""
