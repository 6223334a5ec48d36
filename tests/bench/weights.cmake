# Trains the router anew and compares the bytes with the weights that the program is built with.
# cmake -DBUILD=FOLDER -DSOURCE=FOLDER -P weights.cmake
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${BUILD}" --target train_router COMMAND_ERROR_IS_FATAL ANY)
set(made "${BUILD}/trained-weights.bin")
execute_process(
  COMMAND "${BUILD}/train_router" "${SOURCE}/router/training/turns" "${made}"
          "${SOURCE}/tests/fixtures/routing_exam.jsonl"
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${made}" "${SOURCE}/router/training/weights.bin"
                RESULT_VARIABLE different)
file(REMOVE "${made}")
if(different)
  message(FATAL_ERROR "The turns give other weights than router/training/weights.bin: train and commit them.")
endif()
