"""ComfyUI's protocol over HTTP and websocket, for its clients and its own page.

    prompts, queue, history    running graphs
    audience, listener, live   what is told on websockets
    kinds, models, system      what the server can do
    files, users, userdata     files, settings, what the page keeps
    extensions, translations   what packs add to the page
    templates, node_help       workflows to begin with, and help
    routes                     all of them, each also under ``/api``

Only ``cli.serve`` imports this: the server itself knows nothing of it.
"""
