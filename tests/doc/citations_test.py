#!/usr/bin/env python3
"""What citations.py takes for a citation, and what it finds wrong."""

import unittest

from citations import check, cited_sections

PAGES = {"runit": {"1", "1.3", "4", "5", "6"}, "s6": {"6", "7"}}


class Citations(unittest.TestCase):
    def wrong(self, text, family=None):
        return check(text, family, PAGES)[0]

    def test_a_page_and_a_section_that_are_there(self):
        self.assertEqual(check("// Source: interfaces/runit.md section 1.3.", None, PAGES), ([], 1))

    def test_a_page_that_is_not_there(self):
        self.assertEqual(self.wrong("/// interfaces/dinit.md section 1"), ["no page dinit.md"])

    def test_a_section_on_the_next_line_of_the_comment(self):
        self.assertEqual(self.wrong("/// Source: interfaces/runit.md\n/// section 9."), ["runit.md has no section 9"])
        self.assertEqual(self.wrong("# interfaces/runit.md sections 4 and\n# 9"), ["runit.md has no section 9"])

    def test_ranges_and_lists(self):
        self.assertEqual(list(cited_sections("3 to 5, 7.2 and 9")), ["3", "4", "5", "7.2", "9"])
        self.assertEqual(list(cited_sections("7.2 to 7.4")), ["7.2", "7.3", "7.4"])
        self.assertEqual(self.wrong("interfaces/runit.md sections 4 to 7"), ["runit.md has no section 7"])

    def test_a_second_page_by_its_name_alone(self):
        self.assertEqual(self.wrong("interfaces/runit.md section 4, s6.md section 9"), ["s6.md has no section 9"])

    def test_other_files_are_no_pages(self):
        self.assertEqual(check("see core/notes.md section 4", None, PAGES), ([], 0))

    def test_bare_sections_are_of_the_familys_page(self):
        self.assertEqual(self.wrong("// Section 6: x.", "s6"), [])
        self.assertEqual(self.wrong("// Section 5: x.", "s6"), ["s6.md has no section 5"])
        self.assertEqual(check("// Section 5: x.", None, PAGES), ([], 0))
        self.assertEqual(check("// RFC 1413 section 5", "s6", PAGES), ([], 0))


if __name__ == "__main__":
    unittest.main()
