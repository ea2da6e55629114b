"""The floor: the least that can do the job on this stack, and the server it talks to.

Built apart from the library, by `python bench/build.py`.
"""
