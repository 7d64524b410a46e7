"""The inputs that trainings share: their bounds."""

from typing import Annotated

from graphengine.api import Range

Minutes = Annotated[float, Range(0.0, 100_000.0, 1.0)]
Steps = Annotated[int, Range(0, 100_000_000)]
Size = Annotated[int, Range(64, 4096, 16)]  # below, the lowest level of a UNet has less than a cell
Pictures = Annotated[int, Range(1, 10_000_000)]
Batch = Annotated[int, Range(1, 4096)]
Processes = Annotated[int, Range(1, 256)]
Share = Annotated[float, Range(0.0, 1.0, 0.01)]
