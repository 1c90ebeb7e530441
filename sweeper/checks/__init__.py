"""The checks: what is wrong with script, data, model, exception or machine, and what to do about it.

| part | what it is | runs in |
|---|---|---|
| `diagnose/` | facts to findings, one family of checks per file; pure | both |
| `worker/` | a fit call or an exception to facts; what a worker asks about them | worker |
| `driver/` | asking a worker for the diagnosis of a script; looking at the machine | driver |
| `verbs/` | `sweeper diagnose`, `sweeper doctor` and their text | driver |

Everything else reaches them by the hooks in `sweeper.slices`.
"""
