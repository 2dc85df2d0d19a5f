import js from "@eslint/js";
import tseslint from "typescript-eslint";

const noEnum = { selector: "TSEnumDeclaration", message: "Use a frozen const table." };

export default tseslint.config(
	{ ignores: ["build/**", "node_modules/", ".holdfast/"] },
	js.configs.recommended,
	{
		files: ["**/*.ts"],
		extends: [tseslint.configs.recommendedTypeChecked],
		languageOptions: {
			parserOptions: {
				project: ["./tsconfig.json", "./tsconfig.bench.json", "./tsconfig.sdk.json"],
				tsconfigRootDir: import.meta.dirname,
			},
		},
		rules: {
			"@typescript-eslint/consistent-type-imports": [
				"error",
				{ fixStyle: "separate-type-imports" },
			],
			"@typescript-eslint/no-explicit-any": "error",
			"@typescript-eslint/switch-exhaustiveness-check": [
				"error",
				{ considerDefaultExhaustiveForUnions: true },
			],
			"@typescript-eslint/no-non-null-assertion": "off",
			"@typescript-eslint/no-unused-vars": [
				"error",
				{ argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
			],
			"@typescript-eslint/restrict-template-expressions": [
				"error",
				{ allowNumber: true, allowBoolean: true },
			],
			"@typescript-eslint/no-floating-promises": "error",
			"max-lines-per-function": ["error", { max: 80, skipBlankLines: true, skipComments: true }],
			"max-depth": ["error", 4],
			complexity: ["error", 22],
			eqeqeq: "error",
			"no-restricted-syntax": ["error", noEnum],
		},
	},
	{
		// Decisions read no clock, no random source and no global by themselves.
		files: ["main.ts", "modules/**/*.ts", "drivers/**/*.ts"],
		ignores: ["modules/platform/**"],
		rules: {
			"no-restricted-globals": [
				"error",
				"Date",
				"trace",
				"print",
				"console",
				"setTimeout",
				"setInterval",
				"setImmediate",
				"performance",
				"Buffer",
				"process",
				"TextEncoder",
				"TextDecoder",
				"issueCommand",
			],
			"no-restricted-properties": ["error", { object: "Math", property: "random" }],
			"no-restricted-syntax": [
				"error",
				noEnum,
				{
					selector: "Program > VariableDeclaration[kind!='const']",
					message: "const at module level.",
				},
				{ selector: "PropertyDefinition[accessibility]", message: "Use #private." },
				{ selector: ":function[async=true]", message: "No async in the firmware." },
			],
		},
	},
	{
		files: ["test/**/*.ts", "simulator/**/*.ts"],
		rules: {
			"max-lines-per-function": "off",
			"@typescript-eslint/no-floating-promises": "off",
		},
	},
	{
		files: ["**/*.mjs"],
		languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } },
	},
);
