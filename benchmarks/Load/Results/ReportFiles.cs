using System.Text.Encodings.Web;
using System.Text.Json;

namespace RawSocketChat.Load.Results;

/// <summary>Writes a report down: to be read, to be compared by programs, to be looked at.</summary>
internal static class ReportFiles
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // It is read by people as well, and by no browser.
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Writes the files, each named after the kind of run.</summary>
    /// <returns>Their names.</returns>
    public static async Task<IReadOnlyList<string>> WriteAsync(Report report, string folder)
    {
        Directory.CreateDirectory(folder);
        var name = Path.Combine(folder, report.FileName);
        var hasPicture = Picture.Save(report, $"{name}.png");
        await File.WriteAllTextAsync($"{name}.json", JsonSerializer.Serialize(report, Json) + "\n");
        await File.WriteAllTextAsync($"{name}.md", MarkdownText.Of(report, hasPicture ? $"{report.FileName}.png" : null));
        return hasPicture ? [$"{name}.json", $"{name}.md", $"{name}.png"] : [$"{name}.json", $"{name}.md"];
    }
}
