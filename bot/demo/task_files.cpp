#include "bot/demo/scripts.h"
#include "bot/demo/template.h"

namespace bot::demo {
namespace {

constexpr std::string_view kTest =
    R"py("""Starts the real server on a free port and talks to it over HTTP.  Run: python3 -m unittest"""
import json
import threading
import unittest
from http.client import HTTPConnection

from app import TaskServer, TaskStore


class ApiTestCase(unittest.TestCase):
    """A fresh server with an empty database in memory for every test."""

    def setUp(self):
        self.server = TaskServer(("127.0.0.1", 0), TaskStore(":memory:"))
        self.server.RequestHandlerClass.log_message = lambda *args: None
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def tearDown(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.server.store.close()

    def call(self, method, path, value=None, raw=None):
        """Status and decoded JSON (None for an empty body)."""
        connection = HTTPConnection(*self.server.server_address, timeout=5)
        body = raw if raw is not None else None if value is None else json.dumps(value)
        connection.request(method, path, body)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response.status, json.loads(data) if data else None

    def add(self, *titles):
        return [self.call("POST", "/tasks", {"title": title})[1] for title in titles]


class TaskApiTest(ApiTestCase):
    def test_starts_empty(self):
        status, body = self.call("GET", "/tasks")
        self.assertEqual((status, body["tasks"]), (200, []))

    def test_creates_and_returns_a_task(self):
        status, task = self.call("POST", "/tasks", {"title": "  buy milk "})
        self.assertEqual(status, 201)
        self.assertEqual((task["title"], task["done"]), ("buy milk", False))
        self.assertEqual(self.call("GET", f"/tasks/{task['id']}"), (200, task))
        self.assertEqual(self.call("GET", "/tasks")[1]["tasks"], [task])

    def test_changes_only_the_given_fields(self):
        task = self.add("buy milk")[0]
        status, changed = self.call("PATCH", f"/tasks/{task['id']}", {"done": True})
        self.assertEqual((status, changed), (200, {**task, "done": True}))
        self.assertEqual(self.call("GET", f"/tasks/{task['id']}")[1], changed)

    def test_deletes(self):
        task = self.add("buy milk")[0]
        self.assertEqual(self.call("DELETE", f"/tasks/{task['id']}"), (204, None))
        self.assertEqual(self.call("GET", f"/tasks/{task['id']}")[0], 404)
        self.assertEqual(self.call("DELETE", f"/tasks/{task['id']}")[0], 404)

    def test_refuses_bad_fields(self):
        for value in ({}, {"title": ""}, {"title": 7}, {"title": "x", "done": 1}, {"title": "x", "id": 3}, [], "x"):
            with self.subTest(value=value):
                status, body = self.call("POST", "/tasks", value)
                self.assertEqual(status, 400)
                self.assertIn("error", body)

    def test_refuses_what_is_not_json(self):
        self.assertEqual(self.call("POST", "/tasks", raw="{not json")[0], 400)
        self.assertEqual(self.call("POST", "/tasks", raw='{"title": "\\ud800"}')[0], 400)

    def test_names_the_methods_that_are_allowed(self):
        self.assertEqual(self.call("DELETE", "/tasks")[0], 405)
        self.assertEqual(self.call("POST", "/tasks/1", {"title": "x"})[0], 405)

    def test_unknown_addresses_are_not_found(self):
        for path in ("/", "/task", "/tasks/abc", "/tasks/1/2"):
            with self.subTest(path=path):
                self.assertEqual(self.call("GET", path)[0], 404)


if __name__ == "__main__":
    unittest.main()
)py";

constexpr std::string_view kPaginationTest = R"py("""Paging of GET /tasks.  Run: python3 -m unittest"""
import unittest

from test_app import ApiTestCase


class PaginationTest(ApiTestCase):
    def titles(self, query=""):
        status, body = self.call("GET", "/tasks" + query)
        self.assertEqual(status, 200)
        return [task["title"] for task in body["tasks"]]

    def test_a_page_has_twenty_tasks_by_default(self):
        self.add(*(f"task {number}" for number in range(1, 26)))
        status, body = self.call("GET", "/tasks")
        self.assertEqual(status, 200)
        self.assertEqual(len(body["tasks"]), 20)
        self.assertEqual((body["page"], body["per_page"], body["total"], body["pages"]), (1, 20, 25, 2))

    def test_pages_follow_each_other_without_gap_or_overlap(self):
        self.add("a", "b", "c", "d", "e")
        pages = [self.titles(f"?page={page}&per_page=2") for page in (1, 2, 3, 4)]
        self.assertEqual(pages, [["a", "b"], ["c", "d"], ["e"], []])

    def test_an_empty_list_has_no_pages(self):
        body = self.call("GET", "/tasks")[1]
        self.assertEqual((body["tasks"], body["total"], body["pages"]), ([], 0, 0))

    def test_refuses_numbers_out_of_range(self):
        for query in ("?page=0", "?page=-1", "?page=x", "?per_page=0", "?per_page=101", "?per_page=1.5"):
            with self.subTest(query=query):
                self.assertEqual(self.call("GET", "/tasks" + query)[0], 400)


if __name__ == "__main__":
    unittest.main()
)py";

constexpr std::string_view kSearchTest = R"py("""Search of GET /tasks by title.  Run: python3 -m unittest"""
import unittest

from test_app import ApiTestCase


class SearchTest(ApiTestCase):
    def found(self, query):
        status, body = self.call("GET", "/tasks" + query)
        self.assertEqual(status, 200)
        return [task["title"] for task in body["tasks"]]

    def setUp(self):
        super().setUp()
        self.add("Buy milk", "call Anna", "buy a 100% wool hat")

    def test_finds_a_part_of_the_title_in_any_case(self):
        self.assertEqual(self.found("?search=BUY"), ["Buy milk", "buy a 100% wool hat"])

    def test_takes_every_character_literally(self):
        self.assertEqual(self.found("?search=100%25"), ["buy a 100% wool hat"])
        self.assertEqual(self.found("?search=_"), [])

    def test_without_a_search_all_are_listed(self):
        self.assertEqual(len(self.found("")), 3)
        self.assertEqual(len(self.found("?search=")), 3)

    def test_nothing_found_is_an_empty_list(self):
        self.assertEqual(self.found("?search=holiday"), [])


if __name__ == "__main__":
    unittest.main()
)py";

/// README.md; see fill_template() for the marks at the beginning of lines.
constexpr std::string_view kReadme = R"md(# Task API

A small REST API for tasks. Python 3.9 or newer, standard library only; the data is one SQLite file.

    python3 app.py                       # http://127.0.0.1:8000/tasks, data in tasks.db
    python3 app.py --port 9000 --database other.db
    python3 -m unittest                  # the tests

| request | does | answers |
|---|---|---|
~-q~| `GET /tasks` | all tasks, oldest first | 200 `{"tasks": [...]}` |
~q~| `GET /tasks` | the tasks, oldest first; parameters below | 200 `{"tasks": [...]}` |
| `POST /tasks` | a new task from `{"title": "...", "done": false}` | 201 and the task |
| `GET /tasks/ID` | one task | 200 and the task |
| `PATCH /tasks/ID` | changes `title`, `done` or both | 200 and the task |
| `DELETE /tasks/ID` | removes it | 204 |
~p~
~p~## Pages
~p~
~p~`GET /tasks?page=2&per_page=20` gives one page. `page` counts from 1; `per_page` is 1 to 100, 20 without it.
~p~The answer also has `page`, `per_page`, `total` (number of tasks) and `pages`.
~s~
~s~## Search
~s~
~s~`GET /tasks?search=milk` lists the tasks whose title contains the text, in any case (A to Z).

A task is `{"id": 1, "title": "buy milk", "done": false, "created_at": "2026-01-31T12:00:00+00:00"}`.
A title has 1 to 200 characters. Errors are `{"error": "what is wrong"}` with 400, 404, 405 or 413.

## Try it

    curl -X POST -d '{"title": "buy milk"}' http://127.0.0.1:8000/tasks
    curl http://127.0.0.1:8000/tasks
    curl -X PATCH -d '{"done": true}' http://127.0.0.1:8000/tasks/1

The server listens on this machine only and has no log-in; put a proxy with authentication before it if others are to reach it.
)md";

}  // namespace

std::string_view task_api_test() {
  return kTest;
}

std::string_view task_api_pagination_test() {
  return kPaginationTest;
}

std::string_view task_api_search_test() {
  return kSearchTest;
}

std::string task_api_readme(TaskApiFeatures features) {
  return fill_template(kReadme, {features.pagination, features.search});
}

}  // namespace bot::demo
