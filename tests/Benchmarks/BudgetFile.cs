using System.Text.Json;

namespace RawSocketChat.Benchmarks.Tests;

/// <summary>The budgets of all benchmarks: by class, named from its room on, and method.</summary>
internal static class BudgetFile
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    public static IReadOnlyDictionary<string, Dictionary<string, Budget>> Budgets { get; } =
        JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, Budget>>>(File.ReadAllText(Find()), Strict)!;

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "benchmarks", "budgets.json");
            if (File.Exists(file))
            {
                return file;
            }
        }

        throw new FileNotFoundException("benchmarks/budgets.json is not above the tests.");
    }
}
