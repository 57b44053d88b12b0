using System.Reflection;

using RawSocketChat.Framing;
using RawSocketChat.Handshake;

namespace RawSocketChat.Architecture.Tests;

/// <summary>Which room may know which: drawn by the project files, and kept by what the compiler has made of them.</summary>
internal sealed class Arrows
{
    private const string Prefix = "RawSocketChat.";

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Framing"] = [],
        ["Handshake"] = [],
        ["Connection"] = ["Framing"],
        ["Server"] = ["Connection", "Framing", "Handshake"],
        ["Client"] = ["Connection", "Framing", "Handshake"],
    };

    public static IEnumerable<string> Rooms => Allowed.Keys;

    public static IEnumerable<Assembly> Assemblies =>
    [
        typeof(FrameHeader).Assembly, typeof(RequestParser).Assembly, typeof(WebSocketConnection).Assembly, typeof(WebSocketServer).Assembly,
        typeof(WebSocketClient).Assembly,
    ];

    [TestCaseSource(nameof(Rooms))]
    public void A_project_references_exactly_the_rooms_that_it_may(string room)
    {
        var project = Path.Combine(Repository.Root, "src", room, $"{Prefix}{room}.csproj");

        var referenced = Repository.Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));

        referenced.Should().BeEquivalentTo(Allowed[room].Select(name => Prefix + name));
    }

    [TestCaseSource(nameof(Assemblies))]
    public void An_assembly_references_no_room_that_it_may_not(Assembly assembly)
    {
        var room = assembly.GetName().Name![Prefix.Length..];

        var referenced = References(assembly).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name[Prefix.Length..]);

        referenced.Should().BeSubsetOf(Allowed[room]);
    }

    [TestCase(typeof(FrameHeader))]
    [TestCase(typeof(RequestParser))]
    public void The_protocol_cannot_do_IO(Type inRoom)
    {
        References(inRoom.Assembly).Should().NotContain(name =>
            name.StartsWith("System.Net.Sockets", StringComparison.Ordinal)
            || name.StartsWith("System.Net.Security", StringComparison.Ordinal)
            || name.StartsWith("System.Net.Http", StringComparison.Ordinal)
            || name.StartsWith("System.IO.Pipelines", StringComparison.Ordinal));
    }

    [TestCaseSource(nameof(Assemblies))]
    public void No_room_is_built_on_another_web_server(Assembly assembly) =>
        References(assembly).Should().NotContain(name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));

    [Test]
    public void Nothing_under_src_or_samples_refers_to_another_web_server()
    {
        foreach (var project in Repository.ProjectsUnder("src").Concat(Repository.ProjectsUnder("samples")))
        {
            string[] kinds = ["PackageReference", "FrameworkReference", "Reference"];
            kinds.SelectMany(kind => Repository.Items(project, kind)).Should().NotContain(
                name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal), project);
            File.ReadAllText(project).Should().NotContain("Microsoft.NET.Sdk.Web", project);
        }

        foreach (var source in Repository.SourcesUnder("src").Concat(Repository.SourcesUnder("samples")))
        {
            File.ReadAllText(source).Should().NotContain("Microsoft.AspNetCore", source);
        }
    }

    [TestCase("ClientWebSocket")]
    [TestCase("WebSocket.CreateFromStream")]
    [TestCase("WebSocketProtocol.CreateFromStream")]
    [TestCase("HttpListener")]
    public void The_protocol_is_spoken_by_hand(string foreign)
    {
        foreach (var source in Repository.SourcesUnder("src"))
        {
            File.ReadAllText(source).Should().NotContain(foreign, source);
        }
    }

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);
}
