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
if(FRONTDESK_UNITY)
  # A local name may be that of another file of its group, and g++ takes what is in no header for part of one. What
  # shadows is found in the preset dev and by clang-tidy.
  target_compile_options(project_options INTERFACE -Wno-shadow $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
target_compile_definitions(project_options INTERFACE _GLIBCXX_ASSERTIONS
                                                     FRONTDESK_VERSION="${PROJECT_VERSION}")
target_link_libraries(project_options INTERFACE Threads::Threads)

if(FRONTDESK_SANITIZE)
  target_compile_options(project_options INTERFACE -fsanitize=${FRONTDESK_SANITIZE} -fno-omit-frame-pointer)
  # What is relocated when a program starts are the descriptions of all its variables: a third of the time that it takes
  # to start, and the tests start thousands.
  target_compile_options(project_options INTERFACE -fno-pie)
  target_link_options(project_options INTERFACE -fsanitize=${FRONTDESK_SANITIZE} -no-pie)
  add_library(frontdesk_sanitizer_options OBJECT "${CMAKE_CURRENT_LIST_DIR}/sanitizer_options.cpp")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 reports false maybe-uninitialized findings inside the standard library when it instruments code.
    target_compile_options(project_options INTERFACE -Wno-maybe-uninitialized)
    if(FRONTDESK_SANITIZE MATCHES thread)
      # Boost.Asio uses atomic_thread_fence, which g++ warns that tsan does not model; no fence guards our own data.
      target_compile_options(project_options INTERFACE -Wno-tsan)
    endif()
  else()
    # What g++ defines by itself, and clang++ does from version 22 on.
    foreach(sanitizer IN ITEMS address thread)
      if(FRONTDESK_SANITIZE MATCHES ${sanitizer})
        string(TOUPPER "__SANITIZE_${sanitizer}__=1" macro)
        target_compile_definitions(project_options INTERFACE ${macro})
      endif()
    endforeach()
  endif()
endif()

# What most files include, parsed once. Only where a build is made again and again from nothing: the other builds, and
# clang-tidy, see each file with its own includes alone, so that none comes to need what is precompiled.
option(FRONTDESK_PRECOMPILE "Precompile the headers that most files include" OFF)
set(precompiled_headers
    <nlohmann/json.hpp>
    <fmt/core.h>
    <algorithm>
    <array>
    <chrono>
    <condition_variable>
    <filesystem>
    <fstream>
    <functional>
    <map>
    <memory>
    <mutex>
    <optional>
    <set>
    <sstream>
    <string>
    <string_view>
    <thread>
    <vector>)
if(FRONTDESK_PRECOMPILE)
  # So that ccache can tell an unchanged one by its content.
  add_compile_options("$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/precompiled.cpp" CONTENT "")
  add_library(frontdesk_precompiled OBJECT "${CMAKE_BINARY_DIR}/precompiled.cpp")
  target_link_libraries(frontdesk_precompiled PRIVATE project_options nlohmann_json::nlohmann_json fmt::fmt)
  target_precompile_headers(frontdesk_precompiled PRIVATE ${precompiled_headers})
endif()
