# Sourced by the scripts beside it: a prefix of our own, no window, no questions, no chatter.
export WINEPREFIX=$PWD/build/cache/wine/prefix
export WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml,winemenubuilder.exe="
unset DISPLAY
