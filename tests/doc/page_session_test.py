#!/usr/bin/env python3
"""What page_session.py takes for the answer of a page, and what not."""

import unittest

from page_session import Numbers, is_question, sessions_of

PAGE = """# A page

    a block that is no session

## Two commands

    $ cat >file <<'END'
    $ not a command

    END
    $ ask  it

The answer:

    $ ask
    up (pid 1204) 2 seconds

    and a line after an empty one

Prose, and a block that is no session:

    cmake --preset release

## Another

    $ true
"""


class Sessions(unittest.TestCase):
    def test_sections_commands_and_answers(self):
        self.assertEqual(sessions_of(PAGE), [
            ("Two commands", [("cat >file <<'END'\n$ not a command\n\nEND", []), ("ask  it", []),
                              ("ask", ["up (pid 1204) 2 seconds", "", "and a line after an empty one"])]),
            ("Another", [("true", [])])])

    def test_only_questions_are_asked_again(self):
        self.assertTrue(is_question("kindred status web | sort"))
        self.assertTrue(is_question("as_nobody sv status web"))
        self.assertFalse(is_question("as_nobody kindred stop web"))


class Answers(unittest.TestCase):
    def fits(self, said, answered, numbers=None):
        return (numbers or Numbers()).fit(said.split("\n"), answered.split("\n"))

    def test_words_are_the_same_and_blanks_and_numbers_may_differ(self):
        self.assertTrue(self.fits("run:  web: (pid 1204) 2s", "run: web: (pid 7) 13s"))
        for answered in ("run: web: (pid x) 2s", "down: web: (pid 7) 2s", "run: web: (pid 7) 2s more", "run:web: (pid 7) 2s", ""):
            self.assertFalse(self.fits("run: web: (pid 1204) 2s", answered))

    def test_a_long_number_means_one_thing_and_another_another(self):
        numbers = Numbers()
        self.assertTrue(self.fits("pid 1204", "pid 7", numbers))
        self.assertFalse(self.fits("pid 1204", "pid 8", numbers))
        self.assertFalse(self.fits("pid 1301", "pid 7", numbers))
        self.assertTrue(self.fits("pid 1301, pid 1204", "pid 8, pid 7", numbers))

    def test_what_does_not_fit_leaves_no_meaning(self):
        numbers = Numbers()
        self.assertFalse(self.fits("pid 1204\nup", "pid 7\ndown", numbers))
        self.assertTrue(self.fits("pid 1204\nup", "pid 8\nup", numbers))

    def test_dots_are_any_lines(self):
        self.assertTrue(self.fits("a\n...\nz", "a\nb\nc\nz"))
        self.assertTrue(self.fits("a\n...\nz", "a\nz"))
        self.assertFalse(self.fits("a\n...\nz", "a\nb"))


if __name__ == "__main__":
    unittest.main()
