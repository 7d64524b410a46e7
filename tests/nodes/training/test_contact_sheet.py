import pytest
import torch

from graphengine.api import NodeError

RED, BLUE, PAPER = [1, 0, 0], [0, 0, 1], [1, 1, 1]


@pytest.fixture(scope="module")
def sheet(nodes):
    return nodes("training", "contact_sheet").ContactSheet


def filled(colour, height, width, count=1):
    return torch.tensor(colour, dtype=torch.float32).expand(count, height, width, 3)


def test_pictures_of_any_size_come_into_rows_of_equal_cells_each_as_large_as_its_cell_takes(sheet):
    made = sheet([filled(RED, 8, 8, 2), filled(BLUE, 64, 32)], columns=2, cell=32)
    assert made.shape == (1, 10 + 2 * 42, 10 + 2 * 42, 3)  # two rows of two, gaps of ten pixels

    def at(y, x):
        return made[0, y, x].tolist()

    assert [at(26, 26), at(26, 68), at(68, 26), at(68, 68)] == [RED, RED, BLUE, PAPER]
    assert [at(68, 15), at(52, 26)] == [PAPER, BLUE]  # twice as high as wide, in the middle of its cell


def test_labels_make_room_below_each_row_and_what_is_beyond_the_limit_is_left_out(sheet):
    pictures = [filled(RED, 16, 16)] * 5
    bare, labelled = sheet(pictures, columns=3, cell=16, limit=4), sheet(pictures, ["one"], columns=3, cell=16, limit=4)
    assert bare.shape[1:3] == (10 + 2 * 26, 10 + 3 * 26)
    assert labelled.shape[2] == bare.shape[2] and labelled.shape[1] > bare.shape[1]
    assert (labelled[0, 26:60, 10:26] < 0.5).any() and not (
        labelled[0, 26:60, 36:52] < 0.5
    ).any()  # ink under the first


def test_no_picture_is_said_to_be_none(sheet):
    with pytest.raises(NodeError, match="no pictures"):
        sheet([])
