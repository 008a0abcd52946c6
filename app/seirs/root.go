package main

import "github.com/spf13/cobra"

// version is set when the program is built.
var version = "dev"

// newRootCommand puts the commands together. Each lives in a file of its own
// that offers a newXCommand.
func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:               "seirs",
		Short:             "SEI RS: processos e documentos, com e sem conexão",
		Version:           version,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.AddCommand(
		newCentralCommand(),
		newDeskCommand(),
		newDemoCommand(),
		newSignCommand(),
		newVerifyCommand(),
		newRenderCommand(),
		newDoctorCommand(),
		newBenchCommand(),
		newAuditCommand(),
		newSimCommand(),
	)
	return root
}
