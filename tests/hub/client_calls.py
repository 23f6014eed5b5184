"""Functions that tests call in the client's process, where plain ones do not do."""


def prepare(target):
    from seg.hub_push import Target, prepare_target

    prepare_target(Target(**target))


def command(folder, target):
    from seg.hub_push import Target, push_command

    return push_command(folder, Target(**target) if target else None)


def stopped_push(folder, target):
    """A push during which Ctrl-C is pressed."""
    import seg.hub_push

    def press(*_):
        raise KeyboardInterrupt

    seg.hub_push.retrying = press
    return seg.hub_push.push_weights(folder, seg.hub_push.Target(**target))
