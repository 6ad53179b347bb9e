"""
`make bench`: how fast, always beside something that could not be faster, in the same run.

On one PostgreSQL with its default durability, on the machine at hand, which servers, database and
clients share: the ratios travel, the figures don't.
"""
