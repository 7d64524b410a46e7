from hypothesis import settings

settings.register_profile("steady", deadline=None)  # a busy machine may pause any example for long
settings.load_profile("steady")
