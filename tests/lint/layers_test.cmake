# Run with -P and SCRATCH: plants one violation of each rule in a tree of its own and expects cmake/layers.cmake to
# name file, line and rule; and expects it to be content with the same tree without them.
cmake_minimum_required(VERSION 3.25)
get_filename_component(project "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)

function(write_tree)
  file(REMOVE_RECURSE "${SCRATCH}")
  file(WRITE "${SCRATCH}/base/http_server_httplib.cpp" "#include <httplib.h>\n#include \"base/http.h\"\n")
  file(WRITE "${SCRATCH}/config/section_state.h" "#include <toml++/toml.h>\n#include \"base/error.h\"\n")
  file(WRITE "${SCRATCH}/store/database.cpp" "#include <SQLiteCpp/Database.h>\n#include \"config/section.h\"\n")
  file(WRITE "${SCRATCH}/dispatch/child_process.cpp" "#include <boost/process/v2/process.hpp>\n")
  file(WRITE "${SCRATCH}/router/secretary.cpp" "#include \"llm/chat_model.h\"\n#include \"store/database.h\"\n")
  file(WRITE "${SCRATCH}/bot/app.cpp" "#include <nlohmann/json.hpp>\n#include \"dispatch/specialist.h\"\n")
endfunction()

function(run_check status output)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" "-DSOURCE_DIR=${SCRATCH}" -P "${project}/cmake/layers.cmake"
    RESULT_VARIABLE result
    ERROR_VARIABLE text
    OUTPUT_VARIABLE text)
  set(${status} "${result}" PARENT_SCOPE)
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

# Plants `line` as the third line of `file`; the check must name both and say `rule`.
function(expect_caught file line rule)
  write_tree()
  file(WRITE "${SCRATCH}/${file}" "// [a; comment\n\n${line}\n")
  run_check(status output)
  string(FIND "${output}" "${file}:3: " named)
  string(FIND "${output}" "${rule}" explained)
  if(status EQUAL 0 OR named EQUAL -1 OR explained EQUAL -1)
    message(SEND_ERROR "not caught: ${line} in ${file}; the check said: ${output}")
  endif()
endfunction()

write_tree()
run_check(status output)
if(NOT status EQUAL 0)
  message(SEND_ERROR "a tree without violations was refused: ${output}")
endif()

expect_caught(base/a.h "#include \"config/section.h\"" "base must not include \"config/section.h\"")
expect_caught(config/a.cpp "#include \"store/database.h\"" "config must not include")
expect_caught(store/a.h "#include \"llm/chat_model.h\"" "store must not include")
expect_caught(llm/a.cpp "#include \"store/database.h\"" "llm must not include")
expect_caught(dispatch/a.cpp "  #  include \"llm/chat_model.h\"" "dispatch must not include")
expect_caught(dispatch/a.cpp "#include \"store/database.h\"" "dispatch must not include")
expect_caught(router/a.cpp "#include \"dispatch/specialist.h\"" "router must not include")
expect_caught(router/a.cpp "#include \"bot/app.h\"" "router must not include")
expect_caught(bot/a.cpp "#include \"tests/support/fake.h\"" "bot must not include")
expect_caught(bot/a.cpp "#include \"app.h\"" "must be written with its folder")
expect_caught(base/http.cpp "#include <httplib.h>" "<httplib.h> may be included by")
expect_caught(bot/web.cpp "#include <httplib.h>" "<httplib.h> may be included by")
expect_caught(llm/chat_model.h "#include <nlohmann/json.hpp>" "<nlohmann/json.hpp> may be included by")
expect_caught(dispatch/sandbox.cpp "#include <boost/process/v2.hpp>" "may be included by")
expect_caught(bot/a.cpp "#include <boost/process.hpp>" "may be included by")
expect_caught(bot/a.cpp "#include <toml++/toml.h>" "may be included by")
expect_caught(store/database.h "#include <SQLiteCpp/SQLiteCpp.h>" "may be included by")
expect_caught(bot/a.cpp "#include <SQLiteCpp/Database.h>" "may be included by")
file(REMOVE_RECURSE "${SCRATCH}")
