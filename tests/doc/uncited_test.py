#!/usr/bin/env python3
"""What uncited.py takes for cited."""

import unittest

from uncited import citations_in, uncited


class Uncited(unittest.TestCase):
    def test_a_section_counts_with_what_is_above_and_below_it(self):
        self.assertEqual(uncited({"1", "1.2", "1.20", "2", "3", "3.1"}, {"1.2", "3"}), {"1.20", "2"})

    def test_citations_are_found_by_page_and_by_family(self):
        self.assertEqual(list(citations_in("// Source: interfaces/runit.md sections 1\n// and 2; section 4", "s6")),
                         [("runit", "1"), ("runit", "2"), ("s6", "4")])
        self.assertEqual(list(citations_in("section 4", None)), [])


if __name__ == "__main__":
    unittest.main()
