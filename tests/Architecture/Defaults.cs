using System.Reflection;

using RawSocketChat.Handshake;

namespace RawSocketChat.Architecture.Tests;

/// <summary>A default without a reason is a guess: each one has its line in <c>docs/defaults.md</c>.</summary>
internal sealed class Defaults
{
    public static IEnumerable<TestCaseData> Options =>
        from type in new[]
        {
            typeof(WebSocketConnectionOptions), typeof(WebSocketServerOptions), typeof(HandshakeLimits), typeof(PeriodicBroadcast),
            typeof(WebSocketClientOptions), typeof(ReconnectOptions),
        }
        from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        select new TestCaseData(property.Name).SetArgDisplayNames($"{type.Name}.{property.Name}");

    [TestCaseSource(nameof(Options))]
    public void Every_option_is_explained_where_the_defaults_are(string option)
    {
        var file = Path.Combine(Repository.Root, "docs", "defaults.md");

        File.Exists(file).Should().BeTrue("the reasons belong to the repository");
        File.ReadAllText(file).Should().MatchRegex($@"\b{option}\b");
    }
}
