; Installs SEI RS Desktop for the current user. Asks for no administrator: everything
; goes under the user's own profile and registry hive.
;
; Needs -DVERSION -DNUMERIC -DPROGRAMS -DICON -DOUTPUT; see build.sh. /S installs silently.

Target amd64-unicode
SetCompressor /SOLID lzma
ManifestDPIAware true
RequestExecutionLevel user

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "WinVer.nsh"

!define NAME "SEI RS Desktop"
!define PROGRAM "sei-rs-desktop.exe"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\SEIRSDesktop"
; The evergreen WebView2 runtime, as Microsoft's updater registers it.
!define WEBVIEW2_CLIENT "{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"
!define WEBVIEW2_PAGE "https://go.microsoft.com/fwlink/p/?LinkId=2124703"

Name "${NAME}"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "${UNINSTALL_KEY}" "InstallLocation"
BrandingText "${NAME} ${VERSION}"

VIProductVersion "${NUMERIC}"
VIAddVersionKey /LANG=1046 "ProductName" "${NAME}"
VIAddVersionKey /LANG=1046 "FileDescription" "Instalador do ${NAME}"
VIAddVersionKey /LANG=1046 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=1046 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=1046 "LegalCopyright" "${NAME}"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!define MUI_FINISHPAGE_RUN_TEXT "Abrir o ${NAME} agora"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "PortugueseBR"

Function .onInit
  SetRegView 64
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_ICONSTOP "O ${NAME} precisa do Windows 10 ou mais novo." /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
FunctionEnd

Function un.onInit
  SetRegView 64
FunctionEnd

; A program that is open cannot be replaced; the servant closes it, so that no draft is cut off.
!macro WaitUntilClosed UN
Function ${UN}WaitUntilClosed
  again:
    ${IfNot} ${FileExists} "$INSTDIR\${PROGRAM}"
      Return
    ${EndIf}
    ClearErrors
    FileOpen $0 "$INSTDIR\${PROGRAM}" a
    ${IfNot} ${Errors}
      FileClose $0
      Return
    ${EndIf}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION \
      "O ${NAME} está aberto. Feche-o e escolha Repetir: seus rascunhos ficam guardados." \
      /SD IDCANCEL IDRETRY again
    SetErrorLevel 3
    Quit
FunctionEnd
!macroend
!insertmacro WaitUntilClosed ""
!insertmacro WaitUntilClosed "un."

; The window is drawn by WebView2. Windows 11 and an updated Windows 10 have it; where it is
; missing the program is installed all the same and the message says what else to do.
Function CheckWebView2
  ReadRegStr $0 HKCU "Software\Microsoft\EdgeUpdate\Clients\${WEBVIEW2_CLIENT}" "pv"
  ${If} $0 == ""
  ${OrIf} $0 == "0.0.0.0"
    ReadRegStr $0 HKLM "SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\${WEBVIEW2_CLIENT}" "pv"
  ${EndIf}
  ${If} $0 == ""
  ${OrIf} $0 == "0.0.0.0"
    DetailPrint "Microsoft Edge WebView2: não encontrado"
    MessageBox MB_YESNO|MB_ICONINFORMATION \
      "Falta neste computador o Microsoft Edge WebView2, que desenha a janela do ${NAME}.$\r$\n$\r$\nAbrir a página da Microsoft para baixá-lo? A instalação dele também não precisa de administrador." \
      /SD IDNO IDNO done
    ExecShell "open" "${WEBVIEW2_PAGE}"
    done:
  ${Else}
    DetailPrint "Microsoft Edge WebView2 $0"
  ${EndIf}
FunctionEnd

Section "-${NAME}"
  Call WaitUntilClosed
  SetOutPath "$INSTDIR"
  SetOverwrite on
  File "${PROGRAMS}\${PROGRAM}"
  File "${PROGRAMS}\seirs.exe"
  WriteUninstaller "$INSTDIR\desinstalar.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${PROGRAM}"

  ${GetSize} "$INSTDIR" "/S=0K" $1 $2 $3
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\${PROGRAM}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\desinstalar.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\desinstalar.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" $1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1

  Call CheckWebView2
SectionEnd

; Drafts and the outbox stay in the profile: what was not sent exists nowhere else.
Section "Uninstall"
  Call un.WaitUntilClosed
  Delete "$INSTDIR\${PROGRAM}"
  Delete "$INSTDIR\seirs.exe"
  Delete "$INSTDIR\desinstalar.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
  MessageBox MB_ICONINFORMATION \
    "O programa foi removido. Rascunhos e envios pendentes continuam guardados no seu perfil e voltam se o ${NAME} for instalado de novo." /SD IDOK
SectionEnd
