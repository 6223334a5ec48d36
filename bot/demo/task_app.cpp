#include "bot/demo/scripts.h"
#include "bot/demo/template.h"

namespace bot::demo {
namespace {

/// app.py; see fill_template() for the marks at the beginning of lines.
constexpr std::string_view kApp =
    R"py("""A small REST API for tasks. Python's standard library only; the data is one SQLite file.

    python3 app.py                 http://127.0.0.1:8000/tasks, data in tasks.db
    python3 app.py --port 9000 --database other.db
"""
import argparse
import json
import re
import sqlite3
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
~q~from urllib.parse import parse_qs, urlsplit
~-q~from urllib.parse import urlsplit

MAX_BODY_BYTES = 64 * 1024
MAX_TITLE_LENGTH = 200
~p~DEFAULT_PER_PAGE = 20
~p~MAX_PER_PAGE = 100


class ApiError(Exception):
    """Ends a request with this status and {"error": message}."""

    def __init__(self, status, message, headers=()):
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


class TaskStore:
    """The tasks in SQLite: one connection behind a lock, because every request has its own thread."""

    def __init__(self, path):
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        with self._db:
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS tasks ("
                " id INTEGER PRIMARY KEY AUTOINCREMENT,"
                " title TEXT NOT NULL,"
                " done INTEGER NOT NULL DEFAULT 0,"
                " created_at TEXT NOT NULL)"
            )

    def close(self):
        with self._lock:
            self._db.close()

~-s-p~    def list(self):
~-s-p~        """All tasks, oldest first."""
~-s-p~        with self._lock:
~-s-p~            rows = self._db.execute("SELECT * FROM tasks ORDER BY id").fetchall()
~-s-p~        return [self._as_dict(row) for row in rows]
~s-p~    def list(self, search):
~s-p~        """The tasks whose title contains `search` (empty: all), oldest first."""
~s-p~        with self._lock:
~s-p~            rows = self._db.execute(
~s-p~                "SELECT * FROM tasks WHERE ?1 = '' OR instr(lower(title), lower(?1)) > 0 ORDER BY id",
~s-p~                (search,),
~s-p~            ).fetchall()
~s-p~        return [self._as_dict(row) for row in rows]
~p-s~    def list(self, page, per_page):
~p-s~        """One page of the tasks, oldest first, and the number of all tasks."""
~p-s~        with self._lock:
~p-s~            total = self._db.execute("SELECT count(*) FROM tasks").fetchone()[0]
~p-s~            rows = self._db.execute(
~p-s~                "SELECT * FROM tasks ORDER BY id LIMIT ? OFFSET ?", (per_page, (page - 1) * per_page)
~p-s~            ).fetchall()
~p-s~        return [self._as_dict(row) for row in rows], total
~ps~    def list(self, search, page, per_page):
~ps~        """One page of the tasks whose title contains `search` (empty: all), and how many there are."""
~ps~        matching = "FROM tasks WHERE ?1 = '' OR instr(lower(title), lower(?1)) > 0"
~ps~        with self._lock:
~ps~            total = self._db.execute("SELECT count(*) " + matching, (search,)).fetchone()[0]
~ps~            rows = self._db.execute(
~ps~                "SELECT * " + matching + " ORDER BY id LIMIT ?2 OFFSET ?3",
~ps~                (search, per_page, (page - 1) * per_page),
~ps~            ).fetchall()
~ps~        return [self._as_dict(row) for row in rows], total

    def get(self, task_id):
        with self._lock:
            return self._find(task_id)

    def create(self, title, done):
        created_at = datetime.now(timezone.utc).isoformat(timespec="seconds")
        with self._lock, self._db:
            cursor = self._db.execute(
                "INSERT INTO tasks (title, done, created_at) VALUES (?, ?, ?)", (title, int(done), created_at)
            )
            return self._find(cursor.lastrowid)

    def update(self, task_id, changes):
        with self._lock, self._db:
            task = {**self._find(task_id), **changes}
            self._db.execute(
                "UPDATE tasks SET title = ?, done = ? WHERE id = ?", (task["title"], int(task["done"]), task_id)
            )
            return task

    def delete(self, task_id):
        with self._lock, self._db:
            self._find(task_id)
            self._db.execute("DELETE FROM tasks WHERE id = ?", (task_id,))

    def _find(self, task_id):
        row = self._db.execute("SELECT * FROM tasks WHERE id = ?", (task_id,)).fetchone()
        if row is None:
            raise ApiError(404, f"there is no task {task_id}")
        return self._as_dict(row)

    @staticmethod
    def _as_dict(row):
        return {
            "id": row["id"],
            "title": row["title"],
            "done": bool(row["done"]),
            "created_at": row["created_at"],
        }


def checked_fields(body):
    """The task fields of a request body, or ApiError 400 that says what is wrong with them."""
    if not isinstance(body, dict):
        raise ApiError(400, "the body must be a JSON object")
    unknown = sorted(set(body) - {"title", "done"})
    if unknown:
        raise ApiError(400, f"unknown field: {', '.join(unknown)}")
    fields = dict(body)
    if "title" in fields:
        if not isinstance(fields["title"], str) or not fields["title"].strip():
            raise ApiError(400, "title must be a text that is not empty")
        fields["title"] = fields["title"].strip()
        if any("\ud800" <= character <= "\udfff" for character in fields["title"]):
            raise ApiError(400, "title must be well-formed Unicode")
        if len(fields["title"]) > MAX_TITLE_LENGTH:
            raise ApiError(400, f"title must not be longer than {MAX_TITLE_LENGTH} characters")
    if "done" in fields and not isinstance(fields["done"], bool):
        raise ApiError(400, "done must be true or false")
    return fields
~p~
~p~
~p~def number_parameter(query, name, default, highest):
~p~    """The whole number from 1 to `highest` in the query string, or ApiError 400."""
~p~    text = query.get(name, [str(default)])[0]
~p~    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= highest:
~p~        raise ApiError(400, f"{name} must be a whole number from 1 to {highest}")
~p~    return int(text)


class TaskHandler(BaseHTTPRequestHandler):
    server_version = "task-api/1.0"

    def do_GET(self):
        self.answer("GET")

    def do_POST(self):
        self.answer("POST")

    def do_PATCH(self):
        self.answer("PATCH")

    def do_DELETE(self):
        self.answer("DELETE")

    def answer(self, method):
        try:
            status, value = self.route(method)
            self.reply(status, value)
        except ApiError as error:
            self.reply(error.status, {"error": error.message}, error.headers)

    def route(self, method):
        """Status and JSON value for the request; None is an empty body."""
        store = self.server.store
        url = urlsplit(self.path)
        if url.path == "/tasks":
            if method == "GET":
~-q~                return 200, {"tasks": store.list()}
~q~                return self.list_tasks(parse_qs(url.query))
            if method == "POST":
                fields = checked_fields(self.body())
                if "title" not in fields:
                    raise ApiError(400, "title is missing")
                return 201, store.create(fields["title"], fields.get("done", False))
            raise ApiError(405, "use GET or POST", [("Allow", "GET, POST")])
        match = re.fullmatch("/tasks/([0-9]{1,18})", url.path)
        if match is None:
            raise ApiError(404, "there is nothing at this address; try /tasks")
        task_id = int(match.group(1))
        if method == "GET":
            return 200, store.get(task_id)
        if method == "PATCH":
            return 200, store.update(task_id, checked_fields(self.body()))
        if method == "DELETE":
            store.delete(task_id)
            return 204, None
        raise ApiError(405, "use GET, PATCH or DELETE", [("Allow", "GET, PATCH, DELETE")])
~q~
~q~    def list_tasks(self, query):
~s~        search = query.get("search", [""])[0].strip()
~s-p~        return 200, {"tasks": self.server.store.list(search)}
~p~        page = number_parameter(query, "page", 1, 10**9 - 1)
~p~        per_page = number_parameter(query, "per_page", DEFAULT_PER_PAGE, MAX_PER_PAGE)
~p-s~        tasks, total = self.server.store.list(page, per_page)
~ps~        tasks, total = self.server.store.list(search, page, per_page)
~p~        pages = (total + per_page - 1) // per_page
~p~        return 200, {"tasks": tasks, "page": page, "per_page": per_page, "total": total, "pages": pages}

    def body(self):
        length = self.headers.get("Content-Length", "0")
        if not re.fullmatch("[0-9]{1,12}", length):
            raise ApiError(400, "Content-Length is not a number")
        if int(length) > MAX_BODY_BYTES:
            raise ApiError(413, f"the body is larger than {MAX_BODY_BYTES} bytes")
        try:
            return json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise ApiError(400, "the body is not JSON") from None

    def reply(self, status, value, headers=()):
        data = b"" if value is None else json.dumps(value).encode() + b"\n"
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        if value is not None:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class TaskServer(ThreadingHTTPServer):
    """Serves the API; port 0 takes any free port (see server_address)."""

    daemon_threads = True

    def __init__(self, address, store):
        super().__init__(address, TaskHandler)
        self.store = store


def main():
    parser = argparse.ArgumentParser(description="A small REST API for tasks.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--database", default="tasks.db")
    options = parser.parse_args()
    server = TaskServer(("127.0.0.1", options.port), TaskStore(options.database))
    print(f"listening on http://127.0.0.1:{server.server_address[1]}/tasks (stop with Ctrl-C)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
        server.store.close()


if __name__ == "__main__":
    main()
)py";

}  // namespace

std::string task_api_app(TaskApiFeatures features) {
  return fill_template(kApp, {features.pagination, features.search});
}

}  // namespace bot::demo
