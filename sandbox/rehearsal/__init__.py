"""
The night, rehearsed: killed at every point at which it leaves a trace, cut off, starved, lied to, and then compared.

`points` says where a night can be hit, `place` prepares a small world that can be copied, `night` is the night itself,
`kills`, `cuts`, `days` and `tasks` are what is done to it, and `reach` proves from the code that no point is forgotten.
"""
