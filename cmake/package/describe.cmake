# Run while installing, with `program` (frontdesk) and `made` (a folder): writes what the package has of the program's own
# description, and the compressed texts.
get_filename_component(source "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
file(MAKE_DIRECTORY "${made}")

function(compressed name)
  execute_process(COMMAND gzip -9nf "${made}/${name}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(shell IN ITEMS bash zsh fish)
  execute_process(COMMAND "${program}" completion ${shell} OUTPUT_FILE "${made}/frontdesk.${shell}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND "${program}" manual OUTPUT_FILE "${made}/frontdesk.1" COMMAND_ERROR_IS_FATAL ANY)
compressed(frontdesk.1)
file(WRITE "${made}/dispatch-cc.1" ".so man1/frontdesk.1\n")
compressed(dispatch-cc.1)
file(COPY_FILE "${source}/CHANGELOG.md" "${made}/changelog")
compressed(changelog)
