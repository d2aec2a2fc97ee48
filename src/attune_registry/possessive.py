"""Whether this Python's `re` can be trusted with what repeats a group and gives nothing back, `(...)*+`.

Early releases of 3.11 (3.11.2 is one) do not go back to where a repetition began that matched half: they read
`{type: string }` as "string " with its space. Whatever reads by such patterns steps aside there.
"""

import re

IS_EXACT = re.fullmatch(r"a(?:[ ]+[bc]+)*+ ", "a ") is not None
