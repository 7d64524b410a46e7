def read(source, specs):
    raise NotImplementedError


def embedded_texts(workflow, specs):
    return {}
