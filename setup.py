"Package metadata. All of it comes from settings.ini; edit there, not here."
import re
import shlex
from configparser import ConfigParser

import setuptools

parser = ConfigParser(delimiters=["="])
parser.read("settings.ini", encoding="utf-8")
cfg = parser["DEFAULT"]

# On the package index nothing lies beside this text: its pictures and links need the address of the repository.
readme = open("README.md", encoding="utf-8").read()
readme = re.sub(r"(!\[[^\]]*\]\()(?!https?:)", rf"\1{cfg['git_url']}/raw/{cfg['branch']}/", readme)
readme = re.sub(r"(?<!!)(\[[^\]]*\]\()(?!https?:|#)", rf"\1{cfg['git_url']}/blob/{cfg['branch']}/", readme)

setuptools.setup(
    name=cfg["lib_name"],
    version=cfg["version"],
    description=cfg["description"],
    keywords=cfg["keywords"],
    author=cfg["author"],
    author_email=cfg["author_email"],
    license="Apache-2.0",
    url=cfg["git_url"],
    project_urls={"Documentation": cfg["doc_host"] + cfg["doc_baseurl"]},
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: " + cfg["audience"],
        "Natural Language :: " + cfg["language"],
        "Programming Language :: Python :: 3",
    ],
    package_dir={"": "."},  # then an editable install is one line in a .pth file, which type checkers can follow
    packages=setuptools.find_packages(include=[cfg["lib_name"], cfg["lib_name"] + ".*"]),
    include_package_data=False, # or setuptools takes static for a package, and warns
    package_data={cfg["lib_name"]: ["static/*", "*.pyi", "py.typed"]},
    python_requires=">=" + cfg["min_python"],
    install_requires=shlex.split(cfg["requirements"]),
    extras_require={name: shlex.split(cfg[f"{name}_requirements"]) for name in ("course", "dev", "live", "fast", "bench", "cluster")},
    entry_points={"console_scripts": shlex.split(cfg["console_scripts"]), "nbdev": [f"{cfg['lib_name']}={cfg['lib_name']}._modidx:d"]},
    long_description=readme,
    long_description_content_type="text/markdown",
    zip_safe=False,
)
