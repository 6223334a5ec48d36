# What a fake specialist does, by a word in its task; to be sourced. The dialect of a CLI defines begin, used NAME
# DETAIL, answer TEXT, failed TEXT and hold (until it is asked to stop).
# shellcheck shell=sh
behave() { # TASK
  case "$1" in
  *"a haiku"*)
    begin
    used Write haiku.txt
    echo rain >haiku.txt
    answer "It rains."
    ;;
  *"the first part"*) begin && answer "the beginning" ;;
  *"the second part"*) begin && answer "and more" ;;
  *"wait for more"*) begin && hold "and take" ;;
  *"answer, then exit with 1"*)
    begin && answer "All is well."
    echo "something broke" >&2
    exit 1
    ;;
  *"print your key"*) begin && answer "The key is ${ANTHROPIC_API_KEY-}." ;;
  *"answer, then fail"*)
    begin
    answer "Nearly done."
    failed_late "the disk is full"
    ;;
  *"tell the cost"*)
    begin
    answer "So far."
    hold
    ;;
  *"wait for ever"*) begin && hold ;;
  *"a refused key"*) begin && failed "unexpected status 401 Unauthorized" ;;
  *"fall over"*)
    begin
    kill -9 $$
    ;;
  *"leave a child"*)
    begin
    setsid sleep 600 & # it keeps the output open
    answer "There is a child."
    ;;
  *"babble"*)
    printf 'not json\n{"type":\n\n[[[[\n\000\377\n{"type":"result"\n"text"\n17\nnull\n'
    begin
    printf '{"type":"no such event","deep":{"er":[1,2,{}]}}\n{"type":17}\n{"type":"assistant","message":{"content":"?"}}\n'
    answer "It was all Greek."
    ;;
  *"say nothing"*) begin ;;
  *"fill the disk"*)
    begin
    head -c 20000000 /dev/zero >zeros
    hold
    ;;
  *"flood"*)
    begin
    yes '{"type":"noise","text":"noise noise noise noise noise noise noise noise noise noise noise noise noise"}'
    ;;
  *"a long line"*)
    begin
    head -c 40000000 /dev/zero | tr '\0' x
    echo
    answer "That was long."
    ;;
  *) return 1 ;;
  esac
}
