// Defaults of AddressSanitizer, which asks for them by this name; ASAN_OPTIONS goes before them. In what the program
// starts there is no such variable, since it builds the environment of its children.

// Freed memory is kept for 32 MB instead of 256, so that processes which live for a second, and the tests start
// thousands, do not touch new pages all the time. Ten frames say where memory came from.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "quarantine_size_mb=32:malloc_context_size=10";
}
