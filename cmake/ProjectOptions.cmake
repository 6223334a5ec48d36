# Flags for our own code only; third-party targets keep theirs.
option(FRONTDESK_SANITIZE "Comma separated sanitizers, as given to -fsanitize" "")

# Programs lie at the top of the build folder: build/release/frontdesk is part of the public contract.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")

add_library(project_options INTERFACE)
target_include_directories(project_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(
  project_options
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
            -Werror)
target_compile_definitions(project_options INTERFACE _GLIBCXX_ASSERTIONS
                                                     FRONTDESK_VERSION="${PROJECT_VERSION}")
target_link_libraries(project_options INTERFACE Threads::Threads)

if(FRONTDESK_SANITIZE)
  target_compile_options(project_options INTERFACE -fsanitize=${FRONTDESK_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(project_options INTERFACE -fsanitize=${FRONTDESK_SANITIZE})
  # g++ 12 reports false maybe-uninitialized findings inside the standard library when it instruments code.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(project_options INTERFACE -Wno-maybe-uninitialized)
  endif()
  if(FRONTDESK_SANITIZE MATCHES thread)
    # Boost.Asio uses atomic_thread_fence, which g++ warns that tsan does not model; no fence guards our own data.
    target_compile_options(project_options INTERFACE -Wno-tsan)
  endif()
endif()
