# Run with -P: checks which folder includes which, and which file may include a third-party header. Linking does not
# catch the first, since a header alone needs no library. SOURCE_DIR is the project's folder (default: this one's).
#
#   cmake -P cmake/layers.cmake
cmake_minimum_required(VERSION 3.25)
if(NOT SOURCE_DIR)
  get_filename_component(SOURCE_DIR "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
endif()

set(MODULES base config store llm router dispatch bot)

# What each folder may include, besides itself.
set(may_include_base "")
set(may_include_config base)
set(may_include_store base config)
set(may_include_llm base config)
set(may_include_dispatch base config)
set(may_include_router base config llm store)
set(may_include_bot base config store llm router dispatch)

# Third-party headers (a regular expression, no comma) and the files that may include them: slow to compile, or to be
# replaced in one place.
set(CONFINED
    "httplib\\.h,base/http_(client|server)_httplib\\.cpp"
    "nlohmann/json\\.hpp,.*\\.cpp"
    "boost/process.*,base/process/child_process\\.cpp"
    "toml\\+\\+/.*,config/.*"
    "SQLiteCpp/.*,store/[^/]*\\.cpp")

set(violations 0)

function(report file line rule)
  message("${file}:${line}: ${rule}")
  math(EXPR violations "${violations} + 1")
  set(violations "${violations}" PARENT_SCOPE)
endfunction()

# <quoted header> of one of our files.
macro(check_own file line module header)
  string(REGEX MATCH "^[^/]+" other "${header}")
  if(NOT "${header}" MATCHES "/")
    report("${file}" "${line}" "\"${header}\" must be written with its folder: \"${module}/${header}\"")
  elseif(NOT "${other}" STREQUAL "${module}" AND NOT "${other}" IN_LIST may_include_${module})
    string(REPLACE ";" ", " allowed "${may_include_${module}}")
    if(NOT allowed)
      set(allowed "nothing")
    endif()
    report("${file}" "${line}" "${module} must not include \"${header}\"; of the folders it may include ${allowed}")
  endif()
endmacro()

macro(check_third_party file line header)
  foreach(rule IN LISTS CONFINED)
    string(REPLACE "," ";" rule "${rule}")
    list(GET rule 0 confined)
    list(GET rule 1 allowed)
    if("${header}" MATCHES "^${confined}$" AND NOT "${file}" MATCHES "^${allowed}$")
      string(REPLACE "\\" "" readable "${allowed}")
      report("${file}" "${line}" "<${header}> may be included by ${readable} only")
    endif()
  endforeach()
endmacro()

set(files_read 0)
foreach(module IN LISTS MODULES)
  file(GLOB_RECURSE files RELATIVE "${SOURCE_DIR}" "${SOURCE_DIR}/${module}/*.h" "${SOURCE_DIR}/${module}/*.cpp")
  foreach(file IN LISTS files)
    math(EXPR files_read "${files_read} + 1")
    file(READ "${SOURCE_DIR}/${file}" text)
    # A line becomes a list element only after the characters that mean something to CMake's lists are gone.
    string(REGEX REPLACE "[][;\\]" " " text "${text}")
    string(REPLACE "\n" ";" lines "${text}")
    set(number 0)
    foreach(line IN LISTS lines)
      math(EXPR number "${number} + 1")
      if(NOT line MATCHES "^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"]+)[>\"]")
        continue()
      endif()
      set(header "${CMAKE_MATCH_2}")
      if(CMAKE_MATCH_1 STREQUAL "<")
        check_third_party("${file}" "${number}" "${header}")
      else()
        check_own("${file}" "${number}" "${module}" "${header}")
      endif()
    endforeach()
  endforeach()
endforeach()

if(files_read EQUAL 0)
  message(FATAL_ERROR "no source file found in ${SOURCE_DIR}")
endif()
if(violations GREATER 0)
  message(FATAL_ERROR "${violations} includes against the rules of cmake/layers.cmake")
endif()
message("${files_read} files keep to the layers")
