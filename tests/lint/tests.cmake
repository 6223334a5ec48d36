# Included by tests/CMakeLists.txt: checks of the sources themselves.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(add_lint name)
  add_test(NAME "lint/${name}" COMMAND ${ARGN})
  set_tests_properties("lint/${name}" PROPERTIES LABELS lint TIMEOUT 120 SKIP_RETURN_CODE 77)
endfunction()

add_lint(layers ${CMAKE_COMMAND} -P "${CMAKE_SOURCE_DIR}/cmake/layers.cmake")
add_lint(layers_catches_violations ${CMAKE_COMMAND} "-DSCRATCH=${CMAKE_CURRENT_BINARY_DIR}/layers" -P
         "${CMAKE_CURRENT_LIST_DIR}/layers_test.cmake")
add_lint(texts ${Python3_EXECUTABLE} "${CMAKE_CURRENT_LIST_DIR}/texts.py" --source "${CMAKE_SOURCE_DIR}")
add_lint(texts_catches_violations ${Python3_EXECUTABLE} -B "${CMAKE_CURRENT_LIST_DIR}/texts_test.py")
add_lint(size ${Python3_EXECUTABLE} -B "${CMAKE_CURRENT_LIST_DIR}/size.py")
add_lint(size_catches_violations ${Python3_EXECUTABLE} -B "${CMAKE_CURRENT_LIST_DIR}/size_test.py")
add_lint(service_names ${Python3_EXECUTABLE} "${CMAKE_CURRENT_LIST_DIR}/service_names.py")
add_lint(service_names_catches_violations ${Python3_EXECUTABLE} "${CMAKE_CURRENT_LIST_DIR}/service_names_test.py")
add_lint(format bash "${CMAKE_CURRENT_LIST_DIR}/format.sh")
add_lint(shell bash "${CMAKE_CURRENT_LIST_DIR}/shell.sh")
add_lint(tidy ${Python3_EXECUTABLE} "${CMAKE_CURRENT_LIST_DIR}/tidy.py" --source "${CMAKE_SOURCE_DIR}" --build
         "${CMAKE_BINARY_DIR}" --cache "${CMAKE_SOURCE_DIR}/build/tidy-cache")
add_lint(tidy_catches_mistakes ${Python3_EXECUTABLE} "${CMAKE_CURRENT_LIST_DIR}/tidy_test.py" --scratch
         "${CMAKE_CURRENT_BINARY_DIR}/tidy")
# It fills every core for minutes when its cache is cold.
cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
set_tests_properties("lint/tidy" PROPERTIES TIMEOUT 1800 PROCESSORS ${cores})
