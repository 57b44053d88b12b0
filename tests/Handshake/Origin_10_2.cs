namespace RawSocketChat.Handshake.Tests;

internal sealed class Origin_10_2
{
    private static readonly UpgradePolicy SameHost = new() { Origins = OriginPolicy.SameHost };
    private static readonly UpgradePolicy Any = new() { Origins = OriginPolicy.Any };

    private static readonly UpgradePolicy Listed = new()
    {
        Origins = OriginPolicy.OneOf(
            "https://example.com", "http://localhost:8080", "https://xn--bcher-kva.example", "wx-app://abc", "http://[::1]"),
    };

    // What is none of the listed, though it looks like it.
    private static readonly string[] Strangers =
    [
        "null", "", "https://example.com/", "https://example.com/path", "https://example.com?x", "https://example.com#x",
        "http://example.com", "wss://example.com", "https://example.com:444", "https://example.com:0443x", "https://example.com:80",
        "https://www.example.com", "https://sub.example.com", "https://evil-example.com", "https://example.com.evil",
        "https://example.co", "https://example.com.", "https://example.comm", "https://xample.com", "https://example.com@evil",
        "https://user@example.com", "https://example.com:443@evil", "https://evil/https://example.com", "https://evil#https://example.com",
        "example.com", "//example.com", "https:example.com", "https:/example.com", "https://", "://example.com", "https//example.com",
        "https://example.com https://evil", "https://evil https://example.com", "https://evil, https://example.com", "*", "https://*",
        "http://localhost", "http://localhost:80", "http://localhost:8081", "http://localhost:808", "http://127.0.0.1:8080",
        "https://b\u00FCcher.example", "https://xn--bcher-kva.example.evil", "https://ex\u00E4mple.com", "https://exampl\u0435.com",
        "wx-app://abcd", "wx-app://abc:80", "wx://abc", "http://[::1]:81", "http://::1", "http://[::2]", "file://", "https://example.com:",
    ];

    private static readonly string[] Friends =
    [
        "https://example.com", "https://example.com:443", "HTTPS://Example.COM", "http://localhost:8080", "https://xn--bcher-kva.example",
        "https://XN--BCHER-KVA.example:443", "wx-app://abc", "WX-APP://abc", "http://[::1]", "http://[::1]:80",
    ];

    [TestCaseSource(nameof(Friends))]
    public void A_listed_origin_is_accepted(string origin) => From(origin).AssertAccepted(Listed);

    [TestCaseSource(nameof(Strangers))]
    public void An_origin_that_is_not_listed_is_refused_with_403(string origin)
    {
        // An empty port is the port left out (RFC 3986 §3.2.3): the same origin.
        if (origin == "https://example.com:")
        {
            From(origin).AssertAccepted(Listed);
        }
        else
        {
            From(origin).AssertRefused(403, Listed);
        }
    }

    [TestCaseSource(nameof(Strangers))]
    public void Any_takes_every_origin(string origin) => From(origin).AssertAccepted(Any);

    [Test]
    public void Null_is_accepted_when_it_is_listed()
    {
        var policy = new UpgradePolicy { Origins = OriginPolicy.OneOf("null") };

        From("null").AssertAccepted(policy);
        From("NULL").AssertRefused(403, policy);
        From("https://null").AssertRefused(403, policy);
    }

    [TestCase("example.com", "http://example.com", false)]
    [TestCase("example.com", "http://example.com:80", false)]
    [TestCase("example.com:80", "http://example.com", false)]
    [TestCase("EXAMPLE.com", "HTTP://example.COM", false)]
    [TestCase("example.com:8081", "http://example.com:8081", false)]
    [TestCase("example.com", "https://example.com", true)]
    [TestCase("example.com:443", "https://example.com", true)]
    [TestCase("example.com:8443", "https://example.com:8443", true)]
    [TestCase("[::1]:8081", "http://[::1]:8081", false)]
    public void SameHost_accepts_the_host_that_the_request_goes_to(string host, string origin, bool isSecure) =>
        From(origin).Replace("Host", $"Host: {host}").AssertAccepted(SameHost, isSecure);

    [TestCase("example.com", "http://example.com:8081", false, Description = "another port")]
    [TestCase("example.com:8081", "http://example.com", false, Description = "another port")]
    [TestCase("example.com", "https://example.com", false, Description = "another scheme")]
    [TestCase("example.com", "http://example.com", true, Description = "another scheme")]
    [TestCase("example.com:80", "http://example.com", true, Description = "another scheme")]
    [TestCase("example.com:80", "https://example.com:80", false, Description = "another scheme")]
    [TestCase("example.com", "ws://example.com", false, Description = "another scheme")]
    [TestCase("example.com", "http://www.example.com", false, Description = "a subdomain")]
    [TestCase("www.example.com", "http://example.com", false, Description = "a parent domain")]
    [TestCase("example.com", "http://evil-example.com", false, Description = "a longer name")]
    [TestCase("example.com", "http://example.com.evil", false, Description = "a suffix")]
    [TestCase("example.com", "http://example.com@evil", false, Description = "user information")]
    [TestCase("example.com", "http://evil@example.com", false, Description = "user information")]
    [TestCase("example.com", "http://example.com/", false, Description = "a path")]
    [TestCase("example.com", "http://ex\u00E4mple.com", false, Description = "beyond ASCII")]
    [TestCase("xn--exmple-cua.com", "http://ex\u00E4mple.com", false, Description = "beyond ASCII")]
    [TestCase("example.com", "null", false, Description = "null")]
    [TestCase("null", "null", false, Description = "null")]
    [TestCase("example.com", "", false, Description = "empty")]
    public void SameHost_refuses_every_other_with_403(string host, string origin, bool isSecure) =>
        From(origin).Replace("Host", $"Host: {host}").AssertRefused(403, SameHost, isSecure);

    [Test]
    public void The_host_of_an_absolute_target_counts_instead_of_the_Host_field()
    {
        UpgradeText toExample = From("http://example.com").WithStartLine("GET http://example.com/chat HTTP/1.1");

        toExample.Replace("Host", "Host: evil").AssertAccepted(SameHost);
        toExample.Replace("Origin", "Origin: http://evil").Replace("Host", "Host: evil").AssertRefused(403, SameHost);
    }

    [Test]
    public void A_request_without_Origin_comes_from_no_browser_and_is_accepted()
    {
        UpgradeText.Valid.AssertAccepted(Any);
        UpgradeText.Valid.AssertAccepted(SameHost);
        UpgradeText.Valid.AssertAccepted(Listed);
    }

    [Test]
    public void A_request_without_Origin_is_refused_with_403_where_one_is_required()
    {
        UpgradeText.Valid.AssertRefused(403, new UpgradePolicy { Origins = OriginPolicy.Any.RequireOrigin() });
        UpgradeText.Valid.AssertRefused(403, new UpgradePolicy { Origins = OriginPolicy.SameHost.RequireOrigin() });
        From("http://a").AssertAccepted(new UpgradePolicy { Origins = OriginPolicy.Any.RequireOrigin() });
        From("http://a").AssertAccepted(new UpgradePolicy { Origins = OriginPolicy.OneOf("http://a").RequireOrigin() });
        From("http://b").AssertRefused(403, new UpgradePolicy { Origins = OriginPolicy.OneOf("http://a").RequireOrigin() });
    }

    [Test]
    public void A_repeated_Origin_is_refused_with_400_by_every_policy()
    {
        UpgradeText twice = From("https://example.com").With("origin: https://example.com");

        twice.AssertRefused(400, Any);
        twice.AssertRefused(400, SameHost);
        twice.AssertRefused(400, Listed);
    }

    [Test]
    public void SameHost_is_the_default() => new UpgradePolicy().Origins.Should().BeSameAs(OriginPolicy.SameHost);

    [TestCase("example.com")]
    [TestCase("https://example.com/")]
    [TestCase("https://*.example.com")]
    [TestCase("https://b\u00FCcher.example")]
    [TestCase("https://example.com:x")]
    [TestCase("")]
    [TestCase("*")]
    public void A_list_takes_origins_alone(string origin)
    {
        Func<OriginPolicy> make = () => OriginPolicy.OneOf("https://example.com", origin);

        make.Should().Throw<ArgumentException>().Where(e => e.Message.Contains($"\"{origin}\"", StringComparison.Ordinal));
    }

    [Test]
    public void An_empty_list_is_no_policy()
    {
        Func<OriginPolicy> make = () => OriginPolicy.OneOf();

        make.Should().Throw<ArgumentException>();
    }

    private static UpgradeText From(string origin) => UpgradeText.Valid.With($"Origin: {origin}");
}
