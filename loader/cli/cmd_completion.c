// SPDX-License-Identifier: GPL-2.0-only
/* policyctl completion: prints a completion script. The scripts ask policyctl what to offer. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "completing.h"

/* bash splits words at colons. The script joins them again, and offers only what follows the last
 * colon. */
static const char bash[] =
	"# bash completion of policyctl; source it, or keep it as\n"
	"# /usr/share/bash-completion/completions/policyctl\n"
	"_policyctl()\n"
	"{\n"
	"\tlocal word piece glue= candidate line=()\n"
	"\tfor piece in \"${COMP_WORDS[@]:0:COMP_CWORD+1}\"; do\n"
	"\t\tif [[ $glue || $piece == : ]]; then line[-1]+=$piece; else line+=(\"$piece\"); fi\n"
	"\t\tglue=; [[ $piece == : ]] && glue=yes\n"
	"\tdone\n"
	"\tword=${line[-1]}\n"
	"\tCOMPREPLY=()\n"
	"\twhile IFS=$'\\t' read -r candidate _; do\n"
	"\t\tif [[ $candidate == " COMPLETING_FILES " ]]; then\n"
	"\t\t\tcompopt -o filenames\n"
	"\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
	"\t\t\treturn\n"
	"\t\tfi\n"
	"\t\tCOMPREPLY+=(\"$candidate\")\n"
	"\tdone < <(policyctl completion --line -- \"${line[@]:1}\" 2>/dev/null)\n"
	"\t[[ ${COMPREPLY[0]} == *: ]] && compopt -o nospace\n"
	"\t[[ $COMP_WORDBREAKS == *:* ]] && "
	"COMPREPLY=(\"${COMPREPLY[@]#\"${word%\"${word##*:}\"}\"}\")\n"
	"}\n"
	"complete -F _policyctl policyctl\n";

static const char zsh[] =
	"#compdef policyctl\n"
	"# zsh completion of policyctl; source it behind compinit, or keep it as _policyctl in a\n"
	"# directory of $fpath.\n"
	"_policyctl()\n"
	"{\n"
	"\tlocal candidate text\n"
	"\tlocal -a candidates beginnings\n"
	"\twhile IFS=$'\\t' read -r candidate text; do\n"
	"\t\tcase $candidate in\n"
	"\t\t" COMPLETING_FILES ") _files; return ;;\n"
	"\t\t*:) beginnings+=(\"$candidate\") ;;\n"
	"\t\t*) candidates+=(\"${candidate//:/\\\\:}${text:+:$text}\") ;;\n"
	"\t\tesac\n"
	"\tdone < <(policyctl completion --line -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)\n"
	"\t(( $#beginnings )) && compadd -S '' -- $beginnings\n"
	"\t_describe policyctl candidates\n"
	"}\n"
	"if [[ $funcstack[1] == _policyctl ]]; then _policyctl \"$@\"; else compdef _policyctl "
	"policyctl; fi\n";

static const char fish[] =
	"# fish completion of policyctl; source it, or keep it as\n"
	"# /usr/share/fish/vendor_completions.d/policyctl.fish\n"
	"function __policyctl_complete\n"
	"\tset -l words (commandline -opc) (commandline -ct)\n"
	"\tset -l candidates (policyctl completion --line -- $words[2..-1] 2>/dev/null)\n"
	"\tif test \"$candidates\" = " COMPLETING_FILES "\n"
	"\t\t__fish_complete_path (commandline -ct)\n"
	"\telse\n"
	"\t\tprintf '%s\\n' $candidates\n"
	"\tend\n"
	"end\n"
	"complete -c policyctl -f -a '(__policyctl_complete)'\n";

static int run(const struct arguments *arguments)
{
	const char *shell = arguments->operand_count ? arguments->operands[0] : "bash";

	if (arguments_have(arguments, "line", NULL)) {
		if (arguments->operand_count)
			complete(arguments->operands, arguments->operand_count);
		return EXIT_DONE;
	}
	if (arguments->operand_count > 1)
		return usage_failed(arguments->command, "unexpected argument %s",
				    arguments->operands[1]);
	if (strcmp(shell, "bash") && strcmp(shell, "zsh") && strcmp(shell, "fish"))
		return usage_failed(arguments->command, "no shell '%s': bash, zsh or fish", shell);
	fputs(!strcmp(shell, "bash") ? bash : !strcmp(shell, "zsh") ? zsh : fish, stdout);
	return EXIT_DONE;
}

const struct command command_completion = {
	.name = "completion",
	.synopsis = "[bash|zsh|fish]",
	.summary = "print a completion script for a shell",
	.details = "For the current shell:\n"
		   "  source <(policyctl completion)            bash\n"
		   "  source <(policyctl completion zsh)        zsh, behind compinit\n"
		   "  policyctl completion fish | source        fish\n"
		   "Packages install them for all three.",
	.options =
		(const struct option_row[]){
			{ "line", NULL,
			  "print what the scripts ask for: the completions of WORD..., behind --" },
			{},
		},
	.min_operands = 0,
	.max_operands = -1,
	.run = run,
};
