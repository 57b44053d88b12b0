using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawSocketChat.Interop.Tests.Support;

/// <summary>A client written as a script in <c>clients/</c>: takes the plan as its argument, prints JSON lines.</summary>
public sealed class ScriptClient(string interpreter, string script) : ForeignClient
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public override async Task<IReadOnlyList<ClientEvent>> RunAsync(ClientPlan plan)
    {
        // The serializer escapes all that is not ASCII, so that no locale can spoil the argument.
        var path = Path.Combine(Repository.Root, "tests", "Interop", "clients", script);
        using var child = ChildProcess.Start(interpreter, [path, JsonSerializer.Serialize(plan, Json)], Repository.Root);
        var status = await child.WaitAsync(Limit);
        if (status != 0)
        {
            var missing = child.Output.Contains("ERR_MODULE_NOT_FOUND", StringComparison.Ordinal)
                || child.Output.Contains("ModuleNotFoundError", StringComparison.Ordinal);
            Assert.Fail(missing
                ? $"What {script} imports is missing: run ./test.sh, which installs it.\n{child.Output}"
                : $"{script} ended with status {status}.\n{child.Output}");
        }

        return [.. child.OutputLines.Select(line => JsonSerializer.Deserialize<ClientEvent>(line, Json)!)];
    }
}
